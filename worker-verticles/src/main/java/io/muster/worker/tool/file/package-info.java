/** Files below one folder. */
package io.muster.worker.tool.file;
