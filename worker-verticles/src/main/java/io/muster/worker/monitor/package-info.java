/** What a worker watches of its machine, and what it does about it. */
package io.muster.worker.monitor;
