/** Nodes as they describe themselves, and what passes between nodes and hubs about them. */
package io.muster.node;
