package io.muster.worker.tool.web;

/**
 * Bounds of what is read of the web.
 *
 * @param timeoutMs for one search or page, redirects included
 * @param maxBytes of a page
 * @param maxChars of a page's text, where a call names none
 */
record WebOptions(long timeoutMs, int maxBytes, int maxChars, int maxRedirects) {}
