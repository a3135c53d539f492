/** Containers as they travel between hubs and nodes: what is wanted, and what became of it. */
package io.muster.container;
