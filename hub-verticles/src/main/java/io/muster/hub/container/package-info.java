/** Containers on nodes, as the hub orders and places them, and the model servers among them. */
package io.muster.hub.container;
