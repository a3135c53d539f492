/** The tools of MCP servers that this worker's owner runs or may use, offered as the worker's. */
package io.muster.worker.mcp;
