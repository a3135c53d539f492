/** Who nodes are: their keys, what admits them the first time, and what shuts them out. */
package io.muster.hub.identity;
