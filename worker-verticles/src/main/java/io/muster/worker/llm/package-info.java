/** Models that this worker calls through its hubs. */
package io.muster.worker.llm;
