/**
 * How much each node and each API key may use: requests, tokens and streams, in all hubs together.
 */
package io.muster.hub.quota;
