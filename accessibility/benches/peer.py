"""The walk of OSWorld's in-VM server, over pyatspi: for each node its name, states, attributes,
extents where it shows, text, and what image, selection, value and action say. Prints one JSON
object a walk: seconds and nodes. A walk is made for every line that arrives.

With `apps` as first argument it walks only those applications (comma-separated process ids)."""

import json
import sys
import time

import pyatspi

DEPTH_MAX = 60
CHILDREN_MAX = 1025


def look(node):
    node.name
    states = node.get_state_set().get_states()
    node.get_attributes()
    if pyatspi.STATE_SHOWING in states and pyatspi.STATE_VISIBLE in states:
        try:
            component = node.queryComponent()
            component.getPosition(pyatspi.XY_SCREEN)
            component.getSize()
        except NotImplementedError:
            pass
    try:
        text = node.queryText()
        text.getText(0, text.characterCount)
    except NotImplementedError:
        pass
    try:
        image = node.queryImage()
        image.getImagePosition(pyatspi.XY_SCREEN)
        image.getImageSize()
    except NotImplementedError:
        pass
    try:
        node.querySelection().nSelectedChildren
    except NotImplementedError:
        pass
    try:
        value = node.queryValue()
        value.currentValue, value.minimumValue, value.maximumValue, value.minimumIncrement
    except NotImplementedError:
        pass
    try:
        action = node.queryAction()
        for index in range(action.nActions):
            action.getName(index)
            action.getDescription(index)
            action.getKeyBinding(index)
    except NotImplementedError:
        pass
    node.getRoleName()


def walk(node, depth, seen):
    count = 1
    try:
        look(node)
        if depth == DEPTH_MAX or node.get_state_set().contains(pyatspi.STATE_MANAGES_DESCENDANTS):
            children = 0 if node.childCount > CHILDREN_MAX else node.childCount
        else:
            children = min(node.childCount, CHILDREN_MAX)
        for index in range(children):
            child = node.getChildAtIndex(index)
            if child is not None:
                count += walk(child, depth + 1, seen)
    except Exception:
        # What an application has taken back in the meantime.
        pass
    return count


def main():
    for _ in sys.stdin:
        desktop = pyatspi.Registry.getDesktop(0)
        started = time.monotonic()
        nodes = sum(walk(app, 0, set()) for app in desktop if app is not None)
        print(json.dumps({"seconds": time.monotonic() - started, "nodes": nodes}), flush=True)


main()
