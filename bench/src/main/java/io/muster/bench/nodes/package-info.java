/** The part of the benchmark that measures nodes at the socket and tasks. */
package io.muster.bench.nodes;
