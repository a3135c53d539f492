/** What the machine and the process do: samples for metrics, health and balancing. */
package io.muster.runtime.system;
