//! The server of the Model Context Protocol: it lists the tools and calls them, with progress, cancels and tasks. It is the same over
//! pipes and over HTTP, and knows neither.

mod roots;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CancelTaskParams, ContentBlock, CreateTaskResult,
    ErrorData, GetTaskParams, GetTaskResult, Implementation, JsonObject, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool, UpdateTaskParams,
};
use rmcp::service::{NotificationContext, RequestContext, RoleServer};
use rmcp::task_manager::{TaskContext, TaskExit, TaskManager, TaskOptions};
use rmcp::{ErrorData as McpError, ServerHandler};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::daemon::Daemon;
use crate::tools::{self, Answer, Call, Cancelled, Notifier, OnCancel, Project, Refusal, Steps};
use roots::Roots;

/// Calls that are carried out at a time; others wait for one of them. Those that wait for a job count too, so there are many.
const CALLS_MAX: usize = 64;
/// What an agent is told before it sees the tools.
const INSTRUCTIONS: &str = "Vigie is an index of the project's code that is kept for all its readers. Prefer it to grep and to \
    reading whole files: `search` for what you cannot name, `symbols`, `definition`, `references` for names, `outline` for a file, \
    `context` before a change and `impact` for what it may break. Every answer says how fresh it is; `cursor` goes on where \
    max_tokens cut it. After you edited files, call `index` with `files`, or ask with `fresh`.";

/// The server. A clone is of the same session.
#[derive(Clone)]
pub struct Server {
    daemon: Daemon,
    project: Arc<Roots>,
    on_cancel: OnCancel,
    tasks: TaskManager,
    calls: Arc<Semaphore>,
    is_leaving: Arc<AtomicBool>,
}

impl Server {
    /// A session whose calls are about `project` where they name none and the client has no roots.
    pub fn new(daemon: Daemon, project: Project, on_cancel: OnCancel) -> Server {
        Server {
            daemon,
            project: Arc::new(Roots::new(project)),
            on_cancel,
            tasks: TaskManager::new(),
            calls: Arc::new(Semaphore::new(CALLS_MAX)),
            is_leaving: Arc::default(),
        }
    }

    /// To be set when the client goes away: whoever leaves has cancelled nothing, and jobs go on.
    pub fn is_leaving(&self) -> Arc<AtomicBool> {
        self.is_leaving.clone()
    }

    /// The same, of which this says when the client goes away.
    pub fn leaving_with(self, is_leaving: Arc<AtomicBool>) -> Server {
        Server { is_leaving, ..self }
    }

    async fn run(
        &self,
        name: &str,
        arguments: JsonObject,
        project: &Project,
        steps: Steps,
        cancelled: Cancelled<'_>,
    ) -> Result<Answer, Refusal> {
        // It is never closed.
        let _turn = self.calls.acquire().await;
        let mut call = Call { daemon: &self.daemon, project, steps };
        let is_leaving = || self.is_leaving.load(Ordering::Relaxed);
        let on_cancel = || if is_leaving() { OnCancel::Detach } else { self.on_cancel };
        tools::call(name, arguments, &mut call, cancelled, &on_cancel).await
    }

    /// Has a job waited for by a task, which the client asks for.
    fn task(&self, arguments: JsonObject, project: Project) -> CreateTaskResult {
        let server = self.clone();
        let options = TaskOptions::new().with_ttl_ms(TASK_TTL_MS).with_poll_interval_ms(TASK_POLL_MS);
        let task = self.tasks.spawn(options, move |context: TaskContext| {
            Box::pin(async move {
                let steps = Steps::Task(context.clone());
                let answered =
                    server.run(tools::INDEX, arguments, &project, steps, Box::pin(context.cancelled())).await;
                if context.is_cancel_requested() {
                    return Err(TaskExit::Cancelled);
                }
                result(answered).map_err(TaskExit::Error)
            })
        });
        CreateTaskResult::new(task)
    }
}

/// How long a task is kept: longer than the first index of the largest trees takes.
const TASK_TTL_MS: u64 = 3_600_000;
/// How often it is worth asking for.
const TASK_POLL_MS: u64 = 1_000;

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_tasks().build();
        let server = Implementation::new("vigie", env!("CARGO_PKG_VERSION")).with_title("Vigie");
        ServerConfig::new(capabilities).with_server_info(server).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, McpError> {
        Ok(ListToolsResult::with_all_items(tools::list()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        // Over HTTP it is asked for at each call, and over pipes never, where it would be memory.
        static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();
        TOOLS.get_or_init(tools::list).iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, McpError> {
        let arguments = request.arguments.unwrap_or_default();
        let is_named =
            arguments.get("project").and_then(|project| project.as_str()).is_some_and(|name| !name.is_empty());
        let project = if is_named { Project::Unknown } else { self.project.usual(&context).await };
        let has_tasks = context.client_capabilities().is_some_and(|capabilities| capabilities.supports_tasks());
        if request.name == tools::INDEX && has_tasks && tools::waits(&arguments) {
            return Ok(CallToolResponse::Task(self.task(arguments, project)));
        }
        let steps = match context.meta.get_progress_token() {
            Some(token) => Steps::Notified(Notifier::new(context.peer.clone(), token)),
            None => Steps::Untold,
        };
        if request.name == tools::INDEX {
            // It hears of a cancel itself, since its job may be to end too.
            let answered = self.run(&request.name, arguments, &project, steps, Box::pin(context.ct.cancelled())).await;
            return result(answered).map(CallToolResponse::Complete);
        }
        tokio::select! {
            answered = self.run(&request.name, arguments, &project, steps, Box::pin(std::future::pending())) => {
                result(answered).map(CallToolResponse::Complete)
            }
            // Nobody reads this: an answer to a call that was cancelled is not sent.
            () = context.ct.cancelled() => Err(McpError::internal_error("the call was cancelled", None)),
        }
    }

    async fn on_roots_list_changed(&self, _context: NotificationContext<RoleServer>) {
        self.project.forget();
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, McpError> {
        Ok(GetTaskResult::new(self.tasks.get_task(&request.task_id)?))
    }

    async fn update_task(
        &self,
        request: UpdateTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), McpError> {
        self.tasks.update_task(&request.task_id, request.input_responses)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), McpError> {
        self.tasks.cancel_task(&request.task_id)
    }
}

/// What a call ends with: an answer, an error that an agent reads, or one of the protocol.
fn result(answered: Result<Answer, Refusal>) -> Result<CallToolResult, ErrorData> {
    match answered {
        Ok(answer) => {
            let value = answer.value();
            let mut result = CallToolResult::success(vec![ContentBlock::text(answer.text)]);
            result.structured_content = Some(value);
            Ok(result)
        }
        Err(Refusal::Failed(error)) => Ok(CallToolResult::error(vec![ContentBlock::text(error.text())])),
        Err(Refusal::NoSuchTool { name }) => {
            Err(ErrorData::invalid_params(format!("there is no tool {name:?}; tools/list names those there are"), None))
        }
        Err(Refusal::BadArgument { field, reason }) => {
            let at = if field.is_empty() { String::new() } else { format!(" `{field}`") };
            Err(ErrorData::invalid_params(format!("argument{at}: {reason}"), Some(json!({ "field": field }))))
        }
    }
}
