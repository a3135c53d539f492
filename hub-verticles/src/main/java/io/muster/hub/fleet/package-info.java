/** The fleet as the hub's operators see it: a view on the nodes, and why each is as it is. */
package io.muster.hub.fleet;
