/**
 * The hub's end of the sockets by which Muster's own workers join: passes on what the bus brings.
 */
package io.muster.hub.relay;
