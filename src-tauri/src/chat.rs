//! Commands that answer over a channel.

use std::sync::Arc;

use lethe_core::history::{ConversationId, UserText};
use lethe_core::turn::{ChatEvent, Options};
use lethe_core::view::AppEvent;
use lethe_core::{Lethe, Result};
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::product::{Product, internal, tell};

/// Answers a message; without a conversation a new one begins. Ends when the answer has ended.
#[tauri::command]
pub async fn chat_send(
    app: AppHandle,
    product: State<'_, Product>,
    conversation: Option<ConversationId>,
    text: String,
    on_event: Channel<ChatEvent>,
) -> Result<()> {
    let lethe = product.lethe().await?;
    let text = UserText::parse(&text)?;
    run(app, lethe, on_event, move |lethe, events| async move {
        lethe.send(conversation, &text, &Options::default(), &events).await.map(drop)
    })
    .await
}

/// Answers the last message once more.
#[tauri::command]
pub async fn chat_regenerate(
    app: AppHandle,
    product: State<'_, Product>,
    conversation: ConversationId,
    on_event: Channel<ChatEvent>,
) -> Result<()> {
    let lethe = product.lethe().await?;
    run(app, lethe, on_event, move |lethe, events| async move {
        lethe.regenerate(conversation, &Options::default(), &events).await.map(drop)
    })
    .await
}

/// Ends the answer of a conversation.
#[tauri::command]
pub async fn chat_stop(product: State<'_, Product>, conversation: ConversationId) -> Result<()> {
    product.lethe().await?.stop(conversation);
    Ok(())
}

/// Runs a turn in a task of its own, so that an answer goes on when the window reloads, and passes its events on.
async fn run<F, Turn>(app: AppHandle, lethe: Arc<Lethe>, channel: Channel<ChatEvent>, turn: F) -> Result<()>
where
    F: FnOnce(Arc<Lethe>, UnboundedSender<ChatEvent>) -> Turn,
    Turn: Future<Output = Result<()>> + Send + 'static,
{
    let (sender, mut events) = unbounded_channel();
    let turn = tauri::async_runtime::spawn(turn(lethe, sender));
    let mut failed = None;
    while let Some(event) = events.recv().await {
        if let ChatEvent::Started { .. } | ChatEvent::Finished { .. } = event {
            tell(&app, &AppEvent::Conversations);
        }
        if let ChatEvent::Failed { error, .. } = &event {
            failed = Some(error.clone());
        }
        // A window that reloaded does not listen to this channel any more.
        let _ = channel.send(event);
    }
    match turn.await.map_err(|_| internal("the answer was lost"))? {
        // The channel has told the window already.
        Err(error) if Some(&error) == failed.as_ref() => Ok(()),
        outcome => outcome,
    }
}
