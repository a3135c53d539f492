/** Searching and reading the public web, and nothing but the public web. */
package io.muster.worker.tool.web;
