/** Containers on this node's engine: claims, what they may do, and the models that they serve. */
package io.muster.worker.container;
