/** Companions: nodes with a personality that can be talked to. */
package io.muster.hub.companion;
