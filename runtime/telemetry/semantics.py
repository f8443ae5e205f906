"""Names of attributes as OpenTelemetry's conventions for generative models have them."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.telemetry.tracing import Value

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_TOP_P = "gen_ai.request.top_p"
REQUEST_SEED = "gen_ai.request.seed"
PROMPT_NAME = "gen_ai.prompt.name"
FINISH_REASONS = "gen_ai.response.finish_reasons"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
AGENT_ID = "gen_ai.agent.id"
WORKFLOW_NAME = "gen_ai.workflow.name"

NAMES: Sequence[str] = (
    OPERATION,
    PROVIDER,
    REQUEST_MODEL,
    REQUEST_MAX_TOKENS,
    REQUEST_TEMPERATURE,
    REQUEST_TOP_P,
    REQUEST_SEED,
    PROMPT_NAME,
    FINISH_REASONS,
    INPUT_TOKENS,
    OUTPUT_TOKENS,
    TOOL_NAME,
    TOOL_TYPE,
    AGENT_ID,
    WORKFLOW_NAME,
)


def tool_attributes(name: str, risk: str) -> dict[str, Value]:
    """What a tool call is, without its arguments."""
    return {
        OPERATION: "execute_tool",
        TOOL_NAME: name,
        TOOL_TYPE: "function",
        "greenroom.tool.risk": risk,
    }


def run_attributes(kind: str, artist_id: str) -> dict[str, Value]:
    """Which workflow runs, and for which artist."""
    return {OPERATION: "invoke_workflow", WORKFLOW_NAME: kind, AGENT_ID: artist_id}
