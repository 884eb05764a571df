/** The one mutable context: device, scopes, memory pool, dispatcher. */
package talweg.session;
