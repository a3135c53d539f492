/** The worker's interface for operators: health, information, metrics. */
package io.muster.worker.ops;
