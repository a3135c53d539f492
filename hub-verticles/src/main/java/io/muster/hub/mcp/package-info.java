/**
 * The Model Context Protocol at {@code /mcp}: the tools of all nodes, for clients of 2026-07-28,
 * which keep no state here ({@link ModernMcp}), and of 2025-11-25 and before, which keep a session
 * ({@link LegacyMcp}).
 */
package io.muster.hub.mcp;
