/** What the hub counts and times, for Prometheus and for its own JSON view. */
package io.muster.hub.metrics;
