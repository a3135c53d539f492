/** What a worker serves to clients near it: its own models first, the fleet's when it cannot. */
package io.muster.worker.edge;
