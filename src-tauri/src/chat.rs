//! Commands that answer over a channel.

use std::sync::Arc;

use lethe_core::chat::history::{ConversationId, UserText};
use lethe_core::chat::turn::{ChatEvent, Options, PromptMeasure};
use lethe_core::view::AppEvent;
use lethe_core::{Code, Lethe, Result};
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
    deliberation: bool,
    on_event: Channel<ChatEvent>,
) -> Result<()> {
    let lethe = product.lethe().await?;
    let text = UserText::parse(&text)?;
    run(app, lethe, on_event, move |lethe, events| async move {
        lethe.turns().send(conversation, &text, &thinking(deliberation), &events).await.map(drop)
    })
    .await
}

/// Answers the last message once more.
#[tauri::command]
pub async fn chat_regenerate(
    app: AppHandle,
    product: State<'_, Product>,
    conversation: ConversationId,
    deliberation: bool,
    on_event: Channel<ChatEvent>,
) -> Result<()> {
    let lethe = product.lethe().await?;
    run(app, lethe, on_event, move |lethe, events| async move {
        lethe.turns().regenerate(conversation, &thinking(deliberation), &events).await.map(drop)
    })
    .await
}

/// Has the model summarise a conversation, which then goes on from the summary.
#[tauri::command]
pub async fn chat_summarise(
    app: AppHandle,
    product: State<'_, Product>,
    conversation: ConversationId,
    on_event: Channel<ChatEvent>,
) -> Result<()> {
    let lethe = product.lethe().await?;
    run(app, lethe, on_event, move |lethe, events| async move {
        lethe.turns().summarise(conversation, &Options::default(), &events).await.map(drop)
    })
    .await
}

/// Asks the model to think before it answers in a conversation, or not to.
#[tauri::command]
pub async fn conversation_deliberate(
    product: State<'_, Product>,
    id: ConversationId,
    deliberation: bool,
) -> Result<()> {
    product.lethe().await?.history().deliberate(id, deliberation.into()).await
}

/// Counts the prompt of a conversation with a draft.
#[tauri::command]
pub async fn prompt_measure(
    product: State<'_, Product>,
    conversation: Option<ConversationId>,
    draft: String,
) -> Result<Option<PromptMeasure>> {
    product.lethe().await?.turns().measure(conversation, &draft).await
}

fn thinking(deliberation: bool) -> Options {
    Options { deliberation: Some(deliberation.into()), ..Options::default() }
}

/// Ends the answer of a conversation.
#[tauri::command]
pub async fn chat_stop(product: State<'_, Product>, conversation: ConversationId) -> Result<()> {
    product.lethe().await?.turns().stop(conversation);
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
        Err(error) if error.code == Code::Stopped || Some(&error) == failed.as_ref() => Ok(()),
        outcome => outcome,
    }
}
