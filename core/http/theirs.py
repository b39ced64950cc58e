"""What the libraries that read a request say of it; their sentences reach our callers as they are."""

from __future__ import annotations

from pitboss.core.texts import marked

MARSHMALLOW = (
    marked("Missing data for required field."),
    marked("Unknown field."),
    marked("Field may not be null."),
    marked("Invalid input type."),
    marked("Invalid input."),
    marked("Invalid type."),
    marked("Invalid value."),
    marked("Not a valid UUID."),
    marked("Not a valid boolean."),
    marked("Not a valid date."),
    marked("Not a valid time."),
    marked("Not a valid datetime."),
    marked("Not a valid aware datetime."),
    marked("Not a valid email address."),
    marked("Not a valid URL."),
    marked("Not a valid integer."),
    marked("Not a valid list."),
    marked("Not a valid mapping type."),
    marked("Not a valid number."),
    marked("Not a valid string."),
    marked("Not a valid utf-8 string."),
    marked("Number too large."),
    marked("Special numeric values (nan or infinity) are not permitted."),
    marked("String does not match expected pattern."),
    marked("Length must be between {min} and {max}."),
    marked("Length must be {equal}."),
    marked("Longer than maximum length {max}."),
    marked("Shorter than minimum length {min}."),
    marked("Must be equal to {other}."),
    marked("Must be one of: {choices}."),
    marked("Must be greater than or equal to {min} and less than or equal to {max}."),
    marked("Must be greater than or equal to {min}."),
    marked("Must be less than or equal to {max}."),
    marked("Must be greater than {min} and less than or equal to {max}."),
    marked("Must be greater than or equal to {min} and less than {max}."),
    marked("Must be greater than {min}."),
    marked("Must be less than {max}."),
    marked("One or more of the choices you made was not in: {choices}."),
)
MSGSPEC = (
    marked("Expected `{expected}`, got `{got}`"),
    marked("Expected `{kind}` of length >= {min}"),
    marked("Expected `{kind}` of length <= {max}"),
    marked("Expected `{kind}` of length {least} to {most}"),
    marked("Expected `{kind}` >= {min}"),
    marked("Expected `{kind}` <= {max}"),
    marked("Expected `{kind}` matching regex {pattern}"),
    marked("Object missing required field `{field}`"),
    marked("Object contains unknown field `{field}`"),
    marked("Invalid UUID"),
    marked("Invalid decimal string"),
    marked("Invalid RFC3339 encoded datetime"),
    marked("Invalid value {value!r}"),
)
WERKZEUG = (
    marked("Bad Request"),
    marked("Not Found"),
    marked("Method Not Allowed"),
    marked("Precondition Required"),
    marked("Request Entity Too Large"),
    marked("Unsupported Media Type"),
    marked("Unprocessable Entity"),
    marked("The browser (or proxy) sent a request that this server could not understand."),
    marked(
        "The requested URL was not found on the server. If you entered the URL manually please check your "
        "spelling and try again."
    ),
    marked("The method is not allowed for the requested URL."),
    marked("The data value transmitted exceeds the capacity limit."),
    marked("The server does not support the media type transmitted in the request."),
)
