/** Settings that the hub gives to nodes while they run, by version, and what each node has. */
package io.muster.hub.config;
