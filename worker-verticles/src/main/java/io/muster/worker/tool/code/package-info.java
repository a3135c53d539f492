/** Running code that a model wrote, where it can do no harm. */
package io.muster.worker.tool.code;
