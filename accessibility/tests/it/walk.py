"""The tree of one application as pyatspi sees it, one JSON list: path, role, name of each node."""

import json
import sys

import pyatspi

DEPTH_MAX = 60
CHILDREN_MAX = 500


def walk(node, depth, nodes, seen):
    if node.path in seen:
        return
    seen.add(node.path)
    nodes.append([node.path, int(node.getRole()), node.name])
    if depth == DEPTH_MAX or node.childCount > CHILDREN_MAX:
        return
    for index in range(node.childCount):
        child = node.getChildAtIndex(index)
        if child is not None and child.path != "/org/a11y/atspi/null":
            walk(child, depth + 1, nodes, seen)


process = int(sys.argv[1])
for app in pyatspi.Registry.getDesktop(0):
    if app.get_process_id() == process:
        found = []
        walk(app, 0, found, set())
        print(json.dumps(found))
