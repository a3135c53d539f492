/** The REST API that a node has for its own machine, which features bring routes to. */
package io.muster.worker.api;
