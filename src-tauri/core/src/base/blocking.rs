//! Work that computes or reads files for a while: off the threads that everything else waits on.

use crate::base::error::{Code, Error, Result};

/// Does the work on a thread where it holds up nobody. Whoever stops waiting does not end it.
///
/// # Errors
/// Those of the work; `Internal` when it broke down.
pub(crate) async fn blocking<T, E>(work: impl FnOnce() -> std::result::Result<T, E> + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    E: Into<Error> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(Into::into),
        Err(_) => Err(Error::new(Code::Internal, "this broke down: try it again")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn errors_come_through_and_what_breaks_down_is_an_error() {
        assert_eq!(blocking(|| Ok::<_, Error>(1)).await, Ok(1));
        assert_eq!(blocking(|| Err::<(), _>(Error::not_found("file"))).await, Err(Error::not_found("file")));
        let broken = blocking(|| -> Result<()> { panic!("on purpose") }).await;
        assert_eq!(broken.map_err(|error| error.code), Err(Code::Internal));
    }
}
