/** The hub: takes requests over HTTP and hands each to a worker. */
package io.muster.hub;
