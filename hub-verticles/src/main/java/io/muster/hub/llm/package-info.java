/** The LLM proxy: nodes call models through the hub, over their socket. */
package io.muster.hub.llm;
