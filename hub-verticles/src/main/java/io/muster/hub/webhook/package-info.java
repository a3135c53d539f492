/** Webhooks: the fleet's events sent to URLs, signed, and tried again until they arrive. */
package io.muster.hub.webhook;
