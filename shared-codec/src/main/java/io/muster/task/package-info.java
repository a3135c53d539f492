/** Tasks as they travel between hubs and nodes: runs of tools, and what became of them. */
package io.muster.task;
