//! Where the files of a download are, as the hub says, and what goes wrong while they come.

use lethe_hub::HubError;
use lethe_hub::download::{DownloadError, Locate, Location, Unlocated, Wanted};
use lethe_hub::hub::Hub;
use lethe_hub::name::{Commit, RemotePath, RepoName};
use lethe_network::PlainHttp;

use crate::base::error::{Code, Error};

/// Asks the hub where the files of a download are.
pub(super) struct HubLocator {
    pub hub: Hub,
    pub repo: RepoName,
    pub commit: Commit,
}

impl Locate for HubLocator {
    async fn locate(&self, wanted: &Wanted) -> std::result::Result<Location, Unlocated> {
        let never = |error: HubError| Unlocated::Never(Box::new(error));
        let path: RemotePath = wanted.name().parse().map_err(never)?;
        match self.hub.location(&self.repo, &self.commit, &path).await {
            Ok(location) => Ok(Location {
                url: location.url,
                plain_http: PlainHttp::Private,
                secret: location.secret,
                etag: location.etag,
            }),
            Err(HubError::Unreachable { host, trouble }) => {
                Err(Unlocated::Later(lethe_network::Error::Unreachable { host, trouble }, None))
            }
            Err(HubError::RateLimited { host, wait }) => {
                let trouble = lethe_network::Trouble::Status(429);
                Err(Unlocated::Later(lethe_network::Error::Unreachable { host, trouble }, wait))
            }
            Err(HubError::Server { host, status, wait }) => {
                let trouble = lethe_network::Trouble::Status(status);
                Err(Unlocated::Later(lethe_network::Error::Unreachable { host, trouble }, wait))
            }
            Err(error) => Err(never(error)),
        }
    }
}

impl From<DownloadError> for Error {
    fn from(error: DownloadError) -> Self {
        let code = match &error {
            DownloadError::Network(lethe_network::Error::Offline) => Code::Offline,
            DownloadError::Network(lethe_network::Error::NotRecorded) => Code::Store,
            DownloadError::Network(_) | DownloadError::Flawed { .. } | DownloadError::Wrong { .. } => Code::Network,
            DownloadError::Refused { .. } => Code::Token,
            DownloadError::DiskFull { .. } => Code::DiskFull,
            DownloadError::Disk(_) => Code::Store,
            DownloadError::Busy { .. } => Code::Busy,
            DownloadError::Unlocated(source) => {
                // The hub's own error, whose kind the window acts on.
                return match source.downcast_ref::<HubError>() {
                    Some(hub) => hub.clone().into(),
                    None => Self::new(Code::Network, error.to_string()),
                };
            }
            DownloadError::Name | DownloadError::Cancelled => Code::BadInput,
        };
        Self::new(code, error.to_string())
    }
}
