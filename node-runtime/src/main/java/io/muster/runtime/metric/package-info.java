/** Meters that hub and worker share, and the way in which Prometheus reads them. */
package io.muster.runtime.metric;
