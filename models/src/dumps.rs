//! Memory dumps: conversations and keys are in the memory of each program, and a crash must not put them on the disk.
//!
//! On Linux other processes of the same user can't read the memory either, unless the system's owner does.

/// Switches memory dumps of this process off. The first thing that each program does; what it starts does it itself.
pub fn forbid() {
    // A system that refuses this is no reason not to start.
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Lets neither this process nor what it starts gain rights that it does not have, by programs that run as another user.
pub fn forbid_more_rights() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_no_new_privs(true);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    #[test]
    fn a_process_that_forbids_more_rights_gets_none() {
        super::forbid_more_rights();
        assert_eq!(rustix::thread::no_new_privs().ok(), Some(true));
    }

    #[test]
    fn a_process_that_forbids_dumps_has_none() {
        super::forbid();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().ok(), Some(DumpableBehavior::NotDumpable));
        // Its children inherit the limit and can't raise it.
        assert_eq!(getrlimit(Resource::Core).maximum, Some(0));
    }
}
