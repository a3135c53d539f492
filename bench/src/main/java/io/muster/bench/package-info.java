/** Programs that load a gateway and stand in for its upstream, used by scripts/bench. */
package io.muster.bench;
