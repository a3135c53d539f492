/**
 * How a process joins the others: the Hazelcast cluster, the event bus over it, and the watch over
 * its own addresses.
 */
package io.muster.runtime.cluster;
