/** Tasks on this worker: the tools that it offers, and the runs of them. */
package io.muster.worker.task;
