/** What administrators may ask of this worker through the hub, and how it does it. */
package io.muster.worker.control;
