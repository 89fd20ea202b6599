//! `lethe`: the window. Commands unpack, call one function of `lethe-core`, and map nothing but its result.
//!
//! The window opens at once; the data folder is opened behind it, and a failure there is what the first command
//! answers with, so that the window can show it. Deliberately not here: anything the terminal could not do as well.

// No console window beside the program on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod backup;
mod chat;
mod commands;
mod files;
mod hosts;
mod hub;
mod lists;
mod models;
mod network;
mod product;
mod window;

use tauri::{Manager, RunEvent};

use crate::arguments::Arguments;
use crate::files::Files;
use crate::hosts::Hosts;
use crate::product::Product;

fn main() {
    lethe_models::dumps::forbid();
    let arguments = Arguments::of_this_process();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(Files::new(&arguments.allow_path))
        .manage(Hosts::default())
        .manage(Product::new(arguments))
        .invoke_handler(tauri::generate_handler![
            commands::app_state,
            commands::conversation_list,
            commands::conversation_open,
            commands::conversation_rename,
            commands::conversation_delete,
            commands::conversation_restore,
            commands::conversation_export,
            commands::history_search,
            commands::message_variant,
            models::model_list,
            models::model_select,
            models::model_import,
            models::model_pick,
            models::model_remove,
            lists::list_all,
            lists::list_import,
            lists::list_pick,
            lists::list_enable,
            lists::list_remove,
            lists::list_subscribe,
            lists::list_update,
            lists::list_update_from,
            lists::root_pick,
            lists::descriptor_pick,
            lists::archive_pick,
            lists::sweep_start,
            lists::sweep_cancel,
            lists::watch_changes,
            lists::watch_dismiss,
            lists::filter_test,
            backup::app_reopen,
            backup::backup_list,
            backup::backup_newest,
            backup::backup_create,
            backup::backup_create_elsewhere,
            backup::backup_carry,
            backup::backup_verify,
            backup::backup_pick,
            backup::backup_restore,
            backup::backup_salvage,
            commands::answer_receipt,
            commands::report_export,
            commands::settings_set,
            models::models_found,
            models::models_import,
            models::model_deletion,
            models::model_delete,
            models::model_inspect,
            models::model_fit,
            models::model_tune,
            models::devices,
            hub::catalog,
            hub::hub_search,
            hub::hub_repo,
            hub::token_state,
            hub::token_set,
            hub::download_all,
            hub::download_start,
            hub::download_pause,
            hub::download_resume,
            hub::download_cancel,
            network::ledger,
            network::ledger_clear,
            network::network_offline,
            network::remote_list,
            network::remote_add,
            models::model_page,
            models::model_card,
            models::terms_accept,
            models::weights_pick,
            models::weights_inspect,
            models::convert_start,
            models::convert_cancel,
            chat::chat_send,
            chat::chat_regenerate,
            chat::chat_stop,
            chat::chat_summarise,
            chat::conversation_deliberate,
            chat::prompt_measure,
        ])
        .setup(|app| {
            window::open(app)?;
            product::begin(app.handle());
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match app {
        Ok(app) => app,
        Err(error) => {
            eprintln!("lethe: the window can't be opened ({error}): use lethe-cli chat in a terminal");
            std::process::exit(1);
        }
    };
    app.run(|app, event| {
        if let RunEvent::Exit = event {
            tauri::async_runtime::block_on(app.state::<Product>().close());
        }
    });
}
