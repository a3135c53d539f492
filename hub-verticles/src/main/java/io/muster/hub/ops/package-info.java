/** The hub's interface for operators: health, information, metrics, the fleet. */
package io.muster.hub.ops;
