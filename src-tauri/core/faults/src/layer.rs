//! SQLite's file layer, with a [`Disk`] between a database and the system's own.
//!
//! Every file is one of the system's with a head of ours before it; each function asks the disk first and then calls
//! the system's function of the same name.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libsqlite3_sys as sqlite;
use sqlite::{sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs};

use crate::disk::{Disk, Step, Verdict};

/// The system's layer and ours.
struct Layers {
    system: *mut sqlite3_vfs,
    _ours: *mut sqlite3_vfs,
}

// SAFETY: both live as long as the process, and SQLite's layers may be called by any thread.
unsafe impl Send for Layers {}
// SAFETY: as above; nothing in them is written after `install`.
unsafe impl Sync for Layers {}

static LAYERS: OnceLock<Layers> = OnceLock::new();

/// The head of an open file. The system's own follows behind it.
#[repr(C)]
struct Head {
    methods: *const sqlite3_io_methods,
    watched: *mut Watched,
}

/// A file on a disk of a test.
struct Watched {
    disk: Disk,
    path: PathBuf,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    // 3 would be memory maps, which go round every write.
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Has every database that this process opens from now on pass through disks of tests. Files that are on none of them
/// are the system's.
///
/// # Panics
/// Where SQLite has no file layer.
pub fn install() {
    LAYERS.get_or_init(|| {
        // SAFETY: null asks for the default layer, which lives as long as the process.
        let system = unsafe { sqlite::sqlite3_vfs_find(std::ptr::null()) };
        assert!(!system.is_null(), "SQLite has a file layer");
        // SAFETY: it was just found; the copy is changed before anybody sees it.
        let mut ours = unsafe { *system };
        let head = c_int::try_from(size_of::<Head>()).expect("a head of two pointers");
        ours.szOsFile += head;
        ours.pNext = std::ptr::null_mut();
        ours.zName = c"lethe-faults".as_ptr();
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        let ours = Box::into_raw(Box::new(ours));
        // SAFETY: it is never freed. 1 makes it the default.
        let registered = unsafe { sqlite::sqlite3_vfs_register(ours, 1) };
        assert_eq!(registered, sqlite::SQLITE_OK, "the layer is registered");
        Layers { system, _ours: ours }
    });
}

fn system() -> *mut sqlite3_vfs {
    LAYERS.get().expect("ours was registered, so it is there").system
}

/// The system's file behind a head of ours.
///
/// # Safety
/// `file` is one that SQLite has given room for, by our layer's size.
unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: a head and the system's file lie in the room, see `install`. Two pointers keep the alignment.
    unsafe { file.cast::<Head>().add(1).cast() }
}

/// The functions of the system's file behind a head of ours.
///
/// # Safety
/// `file` was opened by our layer.
unsafe fn methods(file: *mut sqlite3_file) -> &'static sqlite3_io_methods {
    // SAFETY: the system's layer has set it, to a table that lives as long as the process.
    unsafe { &*(*inner(file)).pMethods }
}

/// Asks the disk, if the file is on one, and then does it.
///
/// # Safety
/// `file` was opened by our layer.
unsafe fn step(file: *mut sqlite3_file, step: &Step<'_>, work: impl FnOnce() -> c_int) -> c_int {
    // SAFETY: `open` has written it, and only `close` frees it.
    let watched = unsafe { (*file.cast::<Head>()).watched.as_ref() };
    match watched {
        Some(watched) => outcome(watched.disk.step(&watched.path, step, work)),
        None => work(),
    }
}

fn outcome(taken: Result<c_int, Verdict>) -> c_int {
    match taken {
        Ok(code) => code,
        Err(Verdict::NoRoom) => sqlite::SQLITE_FULL,
        Err(Verdict::Dead) => sqlite::SQLITE_IOERR,
    }
}

/// The path that SQLite names; none for a file without a name.
///
/// # Safety
/// `name` is null or a string of C.
unsafe fn path(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: see above.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(name.to_str().ok()?).to_owned())
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let head = file.cast::<Head>();
    // SAFETY: SQLite gives room for a head and the system's file, and a name that is null or a string.
    let (file, path) = unsafe {
        *head = Head { methods: std::ptr::null(), watched: std::ptr::null_mut() };
        (inner(file), path(name))
    };
    let work = || {
        let open = unsafe_field(|system| system.xOpen);
        // SAFETY: all is handed on as it came, but for the room, of which the system's file is the rest.
        let code = unsafe { open(system(), name, file, flags, out) };
        // SAFETY: the system's layer sets its functions where the file is to be closed, also after a failure.
        if unsafe { !(*file).pMethods.is_null() } {
            // SAFETY: the head is ours.
            unsafe { (*head).methods = &raw const METHODS };
        }
        code
    };
    let watched = path.and_then(|path| Disk::of(&path).map(|disk| Watched { disk, path }));
    let Some(watched) = watched else { return work() };
    let code = outcome(watched.disk.step(&watched.path, &Step::Open, work));
    // SAFETY: the head is ours; `close` takes the box back, which is called where there are functions.
    unsafe {
        if !(*head).methods.is_null() {
            (*head).watched = Box::into_raw(Box::new(watched));
        }
    }
    code
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let work = || {
        let delete = unsafe_field(|system| system.xDelete);
        // SAFETY: all is handed on as it came.
        unsafe { delete(system(), name, sync) }
    };
    // SAFETY: SQLite names the file.
    let path = unsafe { path(name) };
    match path.and_then(|path| Disk::of(&path).map(|disk| (disk, path))) {
        Some((disk, path)) => outcome(disk.step(&path, &Step::Delete, work)),
        None => work(),
    }
}

/// A function of the system's layer.
fn unsafe_field<T>(field: impl FnOnce(&sqlite3_vfs) -> Option<T>) -> T {
    // SAFETY: it lives as long as the process, and nobody writes to it.
    field(unsafe { &*system() }).expect("the system's layer has all functions")
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; the box is taken back here and nowhere else.
    unsafe {
        let code = methods(file).xClose.expect("a file can be closed")(inner(file));
        let head = file.cast::<Head>();
        if !(*head).watched.is_null() {
            drop(Box::from_raw((*head).watched));
            (*head).watched = std::ptr::null_mut();
        }
        code
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite hands over so many bytes, and a file that is open.
    unsafe {
        let written = std::slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(length).unwrap_or(0));
        let taken = Step::Write { offset: offset.unsigned_abs(), bytes: written };
        step(file, &taken, || methods(file).xWrite.expect("a file can be written")(inner(file), bytes, length, offset))
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        let taken = Step::Cut { at: size.unsigned_abs() };
        step(file, &taken, || methods(file).xTruncate.expect("a file can be cut")(inner(file), size))
    }
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    // That the system's own disk has it is no matter here, and would take the time of a thousand seeds.
    // SAFETY: the file is open.
    unsafe { step(file, &Step::Sync, || sqlite::SQLITE_OK) }
}

/// Functions that only hand on.
macro_rules! handed_on {
    ($($ours:ident, $theirs:ident ($($name:ident: $kind:ty),*) $(-> $out:ty)?;)*) => {$(
        unsafe extern "C" fn $ours(file: *mut sqlite3_file $(, $name: $kind)*) $(-> $out)? {
            // SAFETY: the file is open; all is handed on as it came.
            unsafe { methods(file).$theirs.expect("the system's files can do it")(inner(file) $(, $name)*) }
        }
    )*};
}

handed_on! {
    read, xRead(bytes: *mut c_void, length: c_int, offset: sqlite3_int64) -> c_int;
    file_size, xFileSize(size: *mut sqlite3_int64) -> c_int;
    lock, xLock(level: c_int) -> c_int;
    unlock, xUnlock(level: c_int) -> c_int;
    check_reserved_lock, xCheckReservedLock(out: *mut c_int) -> c_int;
    file_control, xFileControl(operation: c_int, argument: *mut c_void) -> c_int;
    sector_size, xSectorSize() -> c_int;
    device_characteristics, xDeviceCharacteristics() -> c_int;
    shm_map, xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shm_lock, xShmLock(offset: c_int, count: c_int, flags: c_int) -> c_int;
    shm_barrier, xShmBarrier();
    shm_unmap, xShmUnmap(delete: c_int) -> c_int;
}
