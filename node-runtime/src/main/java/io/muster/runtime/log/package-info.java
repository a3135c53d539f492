/** Logs: the console and rotated files, set up by code from the settings. */
package io.muster.runtime.log;
