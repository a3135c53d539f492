/** What nodes can do for models: the tools of the fleet, and chats that use them. */
package io.muster.hub.tool;
