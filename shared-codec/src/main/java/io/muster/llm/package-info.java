/** Models that nodes call through a hub. */
package io.muster.llm;
